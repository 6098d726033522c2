// The module node:fs/promises.
import { attempt, p } from "../platform";
import { constants } from "./constants";
import { nodeError } from "./errors";
import { prepareFileHandle } from "./file_handle";
import { files } from "./files";
import { folders } from "./folders";
import { prepareStats } from "./stats";
import { pathOf } from "./values";

/** What mounts do not have: links, owners, permissions, and news of changes. */
const ABSENT = ["chmod", "chown", "lchmod", "lchown", "link", "lutimes", "readlink", "statfs", "symlink"];

function refusing(syscall: string): (path: unknown) => Promise<never> {
  return (path) =>
    attempt(() => {
      throw nodeError("ENOSYS", { syscall, path: pathOf(path) });
    });
}

/** Made when somebody imports it. */
export function fsPromises(): object {
  prepareStats();
  prepareFileHandle();
  const module: Record<string, unknown> = { __proto__: null, constants };
  const add = (methods: Record<string, unknown>) => {
    const names: string[] = p.keys(methods);
    for (let i = 0; i < names.length; i++) module[names[i] as string] = methods[names[i] as string];
  };
  add(files);
  add(folders);
  for (let i = 0; i < ABSENT.length; i++) module[ABSENT[i] as string] = refusing(ABSENT[i] as string);
  const whole: Record<string, unknown> = {};
  const names: string[] = p.keys(module);
  for (let i = 0; i < names.length; i++) p.define(whole, names[i] as string, module[names[i] as string], 7);
  module.default = whole;
  return module;
}
