"""Web-platform-tests in locked runtimes, and beside them in Node.js, Deno and Bun. See README.md."""
