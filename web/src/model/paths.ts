/** Where to go after signing in: a path of this very site, never elsewhere. */
export function safeReturn(next: string | null): string {
  if (next === null || !/^\/(?![/\\])/.test(next) || next.startsWith("/sign-in")) return "/office";
  return next;
}
