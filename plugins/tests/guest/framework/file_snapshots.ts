// toMatchFileSnapshot: the snapshot is a file of its own, which test code may see through the capability `files` and no other way.
import type { Sdk } from "../../../../core/guest/types/sdk";

interface Files {
  readFile(path: string, encoding: "utf8"): Promise<string>;
  writeFile(path: string, text: string): Promise<void>;
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
}

/** Absolute, as the host wants it; relative to the test file. */
function resolve(testFile: string, path: string): string {
  const parts = path.startsWith("/") ? [] : testFile.split("/").slice(1, -1);
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** The host's refusal names the key that would grant it; whoever runs the command line has an option for it. */
function explained(file: string, error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code !== "EACCES") return error;
  const hint = "isolate-host test --file-snapshots FOLDER grants one";
  return new Error(`toMatchFileSnapshot may not use ${file}: ${message}; ${hint}`, { cause: error });
}

async function read(files: Files, path: string): Promise<string | undefined> {
  try {
    return (await files.readFile(path, "utf8")).replaceAll("\r\n", "\n");
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code === "ENOENT") return undefined;
    throw error;
  }
}

async function write(files: Files, path: string, text: string): Promise<void> {
  const folder = path.slice(0, path.lastIndexOf("/"));
  if (folder !== "") await files.mkdir(folder, { recursive: true });
  await files.writeFile(path, text);
}

/** The file's content, if there is one. What is accepted instead has been written when this resolves: whole, or not at all. */
export async function compareWithFile(
  sdk: Sdk,
  testFile: string,
  path: string,
  actual: string,
  accepts: (expected: string | undefined) => boolean,
): Promise<{ expected: string | undefined; file: string }> {
  const files = sdk.findModule("node:fs/promises") as Files | undefined;
  if (files === undefined) throw new Error("toMatchFileSnapshot needs the plugin files");
  const file = resolve(testFile, path);
  try {
    const expected = await read(files, file);
    if (expected !== actual && accepts(expected)) await write(files, file, actual);
    return { expected, file };
  } catch (error) {
    throw explained(file, error);
  }
}
