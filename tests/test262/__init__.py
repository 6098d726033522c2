"""The module tests of test262, run in locked runtimes and in Node.js; see README.md."""
