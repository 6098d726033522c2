const who: string = (globalThis as { args?: string[] }).args?.[0] ?? "world";
console.log(`hello, ${who}`);
