module.exports = { randomInt: (limit) => Math.floor(Math.random() * limit) };
