/**
 * What goes over the wire, by short names: aliases of the types that `npm run types` generates
 * from the server's schema. Times are ISO 8601 UTC texts, lengths are seconds, identifiers are
 * opaque strings.
 */
import type { components } from "./schema";

type Schemas = components["schemas"];

/** What we send: only the named fields must be there, the server knows the others' defaults. */
type Asked<T, Needed extends keyof T> = Pick<T, Needed> & Partial<T>;

export type Text = Schemas["Text"];
export type Phase = Schemas["Phase"];
export type ItemKind = Schemas["ItemKind"];
export type Attachment = Schemas["Connection"];
export type DeviceState = Schemas["Device"];
export type Slot = Schemas["Slot"];
export type Size = Schemas["Size"];
export type VenueKind = Schemas["VenueKind"];
export type AccountRole = Schemas["AccountRole"];

export type AgendaItem = Schemas["ViewItem"];
export type Organisation = Schemas["ViewOrganisation"];
export type Program = Schemas["ViewProgram"];
export type ConferenceDocument = Schemas["ViewDocument"];
export type Slides = Schemas["ViewSlides"];
export type FloorEntry = Schemas["ViewFloorEntry"];
export type Counts = Schemas["ViewCounts"];

/** As a console sees it. A station sees other venues without what `VenueName` lacks. */
export type Venue = Schemas["ViewVenue"];
export type Attendee = Schemas["ViewAttendee"];
export type Call = Schemas["ViewCall"];
export type Telephone = Schemas["TelephoneShape"];
export type Trunk = Schemas["TrunkShape"];
export type CallEnd = Schemas["CallEnd"];
export type MicrophoneState = Venue["microphone"];

/** As a console sees it. Stations get neither `preview` nor `counts`. */
export type View = Schemas["ConsoleView"];

/** The view without its venues: the keys that a delta may `set`. */
export type ViewHead = Omit<View, "venues">;

export type ErrorBody = Schemas["ErrorValue"];
export type Publish = Omit<Schemas["Publish"], "type">;
export type Quality = Schemas["QualityValue"];
export type You = Schemas["You"];

export type Snapshot = Omit<Schemas["Snapshot"], "view"> & { view: View };
export type Delta = Omit<Schemas["DeltaMessage"], "set" | "venues"> & {
  set: Partial<ViewHead>;
  venues: Record<string, Venue>;
};

export type ServerMessage =
  | Snapshot
  | Delta
  | Exclude<Schemas["ServerMessage"], Schemas["Snapshot"] | Schemas["DeltaMessage"]>;

export type Command = Schemas["Command"];
export type Hello = Asked<Schemas["Hello"], "type">;
export type ClientMessage =
  | Hello
  | { type: "command"; id: number; command: Command }
  | Schemas["Resync"]
  | Schemas["Ping"];

// --- HTTP

export type Account = Schemas["AccountShape"];
export type SessionAnswer = Schemas["SignedIn"];
export type Directory = Schemas["DirectoryShape"];
export type DirectoryOrganisation = Schemas["OrganisationShape"];
export type DirectoryVenue = Schemas["DirectoryVenue"];
export type ImportReport = Schemas["ImportReport"];
export type Template = Schemas["TemplateShape"];
export type NewConference = Asked<Schemas["NewConference"], "title" | "starts_at">;
export type ConferenceSummary = Schemas["ConferenceItem"];
export type LinkState = Schemas["LinkShape"];
export type IssueLinks = Asked<Schemas["IssueLinks"], "venues">;
export type IssuedLinks = Schemas["IssuedLinks"];
export type IssuedPins = Schemas["IssuedPins"];
export type OwnAccess = Schemas["JoinTelephone"];
export type JoinAnswer = Schemas["JoinStation"] | Schemas["JoinWall"];

/** One entry of the log. The kinds of events are those of the schema's `Recorded`; pages read
 * the few that they know and pass over the others. */
export interface LogEntry {
  seq: number;
  at: string;
  by: { role: string; id: string; venue?: string | null };
  event: { type: string; venue?: string } & Record<string, unknown>;
}

// --- the situation

export type SituationSeries = Schemas["SituationSeries"];
export type Briefing = Schemas["BriefingShape"];
export type BriefingPage = Schemas["PageShape"];
export type SaidPart = Schemas["SaidPart"];
export type TracedNumber = Schemas["TracedNumber"];
export type PublishedFigure = Schemas["FigureValue"];
export type KnownStatistic = Schemas["StatisticShape"];
export type StatisticReading = Schemas["ReadingShape"];
export type StatedNumber = Schemas["StatedNumber"];
export type SituationImport = Schemas["SituationImport"];
export type FigureBatch = Schemas["BatchShape"];

// --- the work

export type Programme = Schemas["ProgrammeShape"];
export type ProgrammeItem = Schemas["ProgrammeItem"];
export type NewProgramme = Asked<Schemas["NewProgramme"], "title" | "owner" | "starts_on" | "ends_on">;
export type WorkCommand = Schemas["WorkCommand"];
export type WorkBody = Schemas["Body"];
export type Measure = Schemas["Measure"];
export type Activity = Schemas["Activity"];
export type Area = Schemas["Area"];
export type Policy = Schemas["Policy"];
export type Statistic = Schemas["Statistic"];
export type ActivityKind = Schemas["ActivityKind"];
export type Contact = Schemas["ContactShape"];
export type Light = Schemas["Light"];
export type LightCounts = Schemas["CountsShape"];
export type Stage = Schemas["Stage"];
export type Rating = Schemas["Rating"];
export type Rhythm = Schemas["Rhythm"];
export type Matrix = Schemas["MatrixShape"];
export type MatrixCell = Schemas["MatrixCellShape"];
export type AssignmentLine = Schemas["LineShape"];
export type AssignmentPage = Schemas["AssignmentShape"];
export type WorkStep = Schemas["StepShape"];
export type WorkSummary = Schemas["SummaryShape"];
export type WorkCalendar = Schemas["CalendarShape"];
export type WorkImport = Schemas["WorkImportReport"];
export type WorkOutcome = Schemas["OutcomeShape"];
export type OutcomeReading = Schemas["Reading"];
export type WorkOpening = Schemas["OpeningShape"];
export type ItemWork = Schemas["ItemWork"];
export type OwnSigning = Schemas["OwnSigning"];
export type Offer = Schemas["OfferShape"];
export type OfferedMeasure = Schemas["OfferedMeasure"];
export type Deployment = Schemas["DeploymentShape"];
export type Deploy = Asked<Schemas["Deploy"], "programme" | "item" | "measures" | "to">;
export type StationWork = Schemas["StationWork"];
export type StationMeasure = Schemas["StationMeasure"];
export type Evidence = Schemas["FileShape"];

// --- the record

export type ConferenceRecord = Schemas["ConferenceRecord"];
export type Recording = Schemas["RecordingShape"];
export type Communique = Schemas["CommuniqueShape"];
export type CommuniquePiece = Schemas["CommuniquePiece"];
export type CommuniqueEdit =
  | { type: "redraft" }
  | { type: "rewrite"; piece: string; zh: string; en: string }
  | { type: "insert"; zh: string; en: string; after: string | null }
  | { type: "remove"; piece: string }
  | { type: "approve" };
