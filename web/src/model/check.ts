import { Cell, Cleanup, type Readable } from "./cell";
import type { Devices, LocalDevices } from "./devices";
import { audioConstraints } from "./devices";
import { PictureWatch, sample, type PictureState } from "./picture";
import { levelOf, SoundWatch, TEST_TONE, ToneWatch, toneShare, type SoundState } from "./sound";

export type SpeakerState = "idle" | "playing" | "heard" | "confirmed" | "unheard";

const PICTURE_EVERY = 500;
const SOUND_EVERY = 100;

/**
 * The three checks of a room: camera by looking at its picture, microphone by its level,
 * loudspeaker by a tone that the microphone or a person hears.
 */
export class RoomCheck {
  readonly #picture = new Cell<PictureState>("looking");
  readonly #sound = new Cell<SoundState>("listening");
  readonly #level = new Cell(-100);
  readonly #speaker = new Cell<SpeakerState>("idle");
  readonly #cleanup = new Cleanup();
  readonly #canvas = document.createElement("canvas");
  #watching = new Cleanup();
  #context: AudioContext | null = null;
  #stream: MediaStream | null = null;
  #tone = new Cleanup();

  constructor(
    private readonly devices: LocalDevices,
    /** Shows the own picture. */
    private readonly video: () => HTMLVideoElement | undefined,
  ) {
    this.#canvas.width = 64;
    this.#canvas.height = 36;
  }

  get picture(): Readable<PictureState> {
    return this.#picture;
  }
  get sound(): Readable<SoundState> {
    return this.#sound;
  }
  /** dBFS. */
  get level(): Readable<number> {
    return this.#level;
  }
  get speaker(): Readable<SpeakerState> {
    return this.#speaker;
  }

  start(): void {
    this.#cleanup.add(this.devices.devices.subscribe((devices) => this.#follow(devices)));
    // Browsers start an AudioContext only after someone touched the page.
    const wake = () => void this.#context?.resume();
    document.addEventListener("pointerdown", wake);
    document.addEventListener("keydown", wake);
    this.#cleanup.add(() => document.removeEventListener("pointerdown", wake));
    this.#cleanup.add(() => document.removeEventListener("keydown", wake));
  }

  stop(): void {
    this.#cleanup.run();
    this.#watching.run();
    this.#tone.run();
    void this.#context?.close();
    this.#context = null;
  }

  confirmSpeaker(): void {
    this.#tone.run();
    this.#speaker.set("confirmed");
  }

  async playTone(): Promise<void> {
    this.#tone.run();
    this.#tone = new Cleanup();
    this.#speaker.set("playing");
    const context = this.#audio();
    await context.resume();
    const ended = () => {
      this.#tone.run();
      if (this.#speaker.get() === "playing") this.#speaker.set("unheard");
    };
    this.#sing(context, ended);
    await this.#listenForTone(context);
  }

  #audio(): AudioContext {
    this.#context ??= new AudioContext();
    return this.#context;
  }

  #follow({ stream }: Devices): void {
    if (stream === this.#stream) return;
    this.#stream = stream;
    this.#watching.run();
    this.#watching = new Cleanup();
    this.#picture.set("looking");
    this.#sound.set("listening");
    this.#level.set(-100);
    if (stream === null) return;
    if (stream.getVideoTracks().length > 0) this.#watchPicture();
    if (stream.getAudioTracks().length > 0) this.#watchSound(stream);
  }

  #watchPicture(): void {
    const watch = new PictureWatch();
    const pen = this.#canvas.getContext("2d", { willReadFrequently: true });
    const { width, height } = this.#canvas;
    const look = () => {
      const video = this.video();
      if (pen === null || video === undefined || video.videoWidth === 0) return;
      pen.drawImage(video, 0, 0, width, height);
      this.#picture.set(watch.next(sample(pen.getImageData(0, 0, width, height).data)));
    };
    const timer = setInterval(look, PICTURE_EVERY);
    this.#watching.add(() => clearInterval(timer));
  }

  #watchSound(stream: MediaStream): void {
    const watch = new SoundWatch();
    const { read, stop } = tap(this.#audio(), stream);
    const listen = () => {
      if (this.#context?.state !== "running") return;
      const level = levelOf(read());
      this.#level.set(level);
      this.#sound.set(watch.next(level));
    };
    const timer = setInterval(listen, SOUND_EVERY);
    this.#watching.add(() => clearInterval(timer));
    this.#watching.add(stop);
  }

  #sing(context: AudioContext, ended: () => void): void {
    const tone = context.createOscillator();
    const gain = context.createGain();
    const { frequency, seconds } = TEST_TONE;
    const start = context.currentTime;
    tone.frequency.value = frequency;
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(0.3, start + 0.05);
    gain.gain.setValueAtTime(0.3, start + seconds - 0.1);
    gain.gain.linearRampToValueAtTime(0, start + seconds);
    tone.connect(gain).connect(context.destination);
    tone.onended = ended;
    tone.start();
    tone.stop(start + seconds);
    this.#tone.add(() => {
      tone.onended = null;
      tone.disconnect();
      gain.disconnect();
    });
  }

  /** With a second capture, for echo cancellation would take the tone out of the first. */
  async #listenForTone(context: AudioContext): Promise<void> {
    const cleanup = this.#tone;
    let ended = false;
    cleanup.add(() => (ended = true));
    const audio = audioConstraints(this.devices.preferences.microphone, true);
    const stream = await navigator.mediaDevices?.getUserMedia({ audio }).catch(() => null);
    if (stream === null || stream === undefined) return;
    const end = () => stream.getTracks().forEach((track) => track.stop());
    if (ended) return end();
    const { read, stop } = tap(context, stream);
    const watch = new ToneWatch();
    const timer = setInterval(() => {
      const block = read();
      const share = toneShare(block, context.sampleRate, TEST_TONE.frequency);
      if (watch.next(share, levelOf(block))) {
        cleanup.run();
        this.#speaker.set("heard");
      }
    }, SOUND_EVERY);
    cleanup.add(end);
    cleanup.add(stop);
    cleanup.add(() => clearInterval(timer));
  }
}

/** The latest 2,048 samples of a stream. */
function tap(context: AudioContext, stream: MediaStream) {
  const source = context.createMediaStreamSource(stream);
  const analyser = context.createAnalyser();
  analyser.fftSize = 2048;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    read: () => {
      analyser.getFloatTimeDomainData(samples);
      return samples;
    },
    stop: () => source.disconnect(),
  };
}
