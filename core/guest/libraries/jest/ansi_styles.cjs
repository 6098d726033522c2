// pretty-format looks styles up only when it is asked to highlight, which ours never is.
module.exports = {};
