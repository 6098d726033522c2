import semver from "semver";
export default [semver.satisfies("1.5.3", "^1.2.0 || >=3"), semver.inc("1.2.3", "minor"), semver.sort(["2.0.0", "1.0.0-rc.1", "1.0.0"]), semver.maxSatisfying(["1.1.0", "1.9.0"], "~1.1")];
