declare function greet(name: string): Promise<string>;
declare function word_count(text: string): Promise<{ words: number; asked_by: string }>;
declare function countdown(start: number): AsyncIterable<number>;

console.log(await greet("isolate"));
console.log(await word_count("guest code calls the host"));
for await (const n of countdown(3)) console.log(n);
