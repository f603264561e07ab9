/**
 * Where the page begins: takes the operator's token out of the address, before anything else, and shows what the rest
 * asks for.
 */

import { route } from "./route.js";
import { takeTokenFromAddress } from "./token_form.js";
import { lang } from "./words.js";

takeTokenFromAddress();
// Pasted into the address of a page that is open already, it opens no new one.
addEventListener("hashchange", () => takeTokenFromAddress() && location.reload());
document.documentElement.lang = lang;
route();
