/** A folder of a mount. Without a path, the root. */
declare function getDirectory(path?: string): Promise<FileSystemDirectoryHandle>;
