module.exports = { runtimeFeatures: { has: () => false } };
