module.exports = { defaultMaxListeners: 10, getMaxListeners: () => 0, setMaxListeners() {} };
