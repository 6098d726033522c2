declare function greet(name: string): Promise<string>;
