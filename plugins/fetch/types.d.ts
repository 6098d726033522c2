/** Requests leave through the host, under its policy. `data:` and `blob:` URLs need no network. */
declare function fetch(input: Request | URL | string, init?: RequestInit): Promise<Response>;
