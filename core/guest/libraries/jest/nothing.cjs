// A module of Node.js that is not there.
module.exports = {};
