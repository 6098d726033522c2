// URLPattern (URL Pattern Standard), by urlpattern-polyfill.
import "./url";
import { URLPattern } from "urlpattern-polyfill/urlpattern";
import { deleteProperty } from "../primordials";
import { exposeInterface } from "./idl";

export function installURLPattern(): void {
  // Not in the standard.
  deleteProperty(URLPattern, "compareComponent");
  exposeInterface(URLPattern, "URLPattern");
}
