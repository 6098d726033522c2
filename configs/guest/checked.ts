const greeting: string = await greet("types");
console.log(greeting.length, greeting);
