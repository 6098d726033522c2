/** What the host answers to a request. */
export interface Reply {
  status: number;
  statusText: string;
  url: string;
  redirected: boolean;
  headers: [string, string][];
  /** A ReadableStream by now, or bytes. */
  body: object | null;
}
