// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_PAGE_HPP
#define EXAMPLES_PAGE_HPP

// The HTML around what the examples say.

#include <string>
#include <string_view>

namespace examples {

inline constexpr char const* html = "text/html; charset=utf-8";

/// Text from outside as it may stand in HTML.
inline std::string escape(std::string_view text)
{
    std::string result;
    for (char const c : text)
        switch (c) {
        case '&':
            result += "&amp;";
            break;
        case '<':
            result += "&lt;";
            break;
        case '>':
            result += "&gt;";
            break;
        case '"':
            result += "&quot;";
            break;
        case '\'':
            result += "&#x27;";
            break;
        default:
            result += c;
        }
    return result;
}

/// A whole page. `body` is HTML.
inline std::string page(std::string_view title, std::string_view body)
{
    std::string result = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>)" + escape(title) +
                         R"(</title>
<style>
:root { color-scheme: light dark; --paper: #f4f1ea; --card: #fffdf8; --ink: #2b2622; --soft: #6d645b; --line: #ddd5c8;
        --accent: #8a3b2e; --good: #2f6b3c; --bad: #a3222a; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #1d1a17; --card: #28241f; --ink: #f0eae0; --soft: #b0a598; --line: #443d35; --accent: #e0917f;
          --good: #8fcb9b; --bad: #f29a94; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.25rem; background: var(--paper);
       color: var(--ink); font: 1.0625rem/1.6 system-ui, sans-serif; }
main { width: 100%; max-width: 32rem; padding: 2rem; background: var(--card); border: 1px solid var(--line);
       border-radius: .75rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 .75rem; font-size: clamp(1.75rem, 8vw, 2.5rem); line-height: 1.2; }
p { margin: 0 0 1rem; color: var(--soft); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .35rem 1.25rem; margin: 0 0 1.25rem; }
dt { color: var(--soft); }
dd { margin: 0; }
main > :last-child { margin-bottom: 0; }
a { color: var(--accent); text-underline-offset: .2em; }
nav { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; }
header { margin: 0 0 1.5rem; padding: 0 0 1rem; border-bottom: 1px solid var(--line); }
h2 { margin: 0 0 .35rem; font-size: 1.125rem; line-height: 1.3; }
h2 strong { padding: .1rem .5rem; border: 1px solid var(--good); border-radius: 1rem; color: var(--good);
            font-size: .8125rem; white-space: nowrap; }
label { display: block; margin: 0 0 .25rem; font-weight: 600; }
input, button { font: inherit; color: inherit; }
input:not([type=checkbox]) { width: 100%; padding: .6rem .75rem; background: var(--paper); border: 1px solid var(--soft);
       border-radius: .5rem; }
input[aria-invalid] { border-color: var(--bad); }
.field { margin: 0 0 1.1rem; }
.hint { margin: 0 0 .25rem; font-size: .9rem; }
.error { margin: 0 0 .35rem; color: var(--bad); font-weight: 600; }
form > .error { margin: 0 0 1rem; padding: .6rem .9rem; border: 1px solid; border-left-width: .35rem; border-radius: .5rem; }
.choice { display: flex; gap: .6rem; align-items: center; margin: 0 0 1.25rem; }
.choice input { width: 1.25rem; height: 1.25rem; margin: 0; flex: none; accent-color: var(--accent); }
.choice label { margin: 0; font-weight: 400; }
button { min-height: 2.75rem; padding: .5rem 1.25rem; background: var(--accent); border: 1px solid var(--accent);
         border-radius: .5rem; color: var(--card); font-weight: 600; cursor: pointer; }
button.minor { background: none; color: var(--accent); }
button.link { min-height: 0; padding: 0; background: none; border: 0; border-radius: 0; color: var(--accent);
              font-weight: 400; text-decoration: underline; text-underline-offset: .2em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.messages { margin: 0 0 1.25rem; padding: 0; list-style: none; }
.messages li { margin: 0 0 .5rem; padding: .6rem .9rem; border: 1px solid; border-left-width: .35rem; border-radius: .5rem; }
.messages .success { color: var(--good); }
.messages .error { color: var(--bad); }
.devices { margin: 0 0 1.25rem; padding: 0; list-style: none; }
.devices li { padding: 1rem 0; border-top: 1px solid var(--line); }
.devices dl { margin: 0 0 .5rem; }
.devices .hint { margin: 0 0 .75rem; }
</style>
</head>
<body>
<main>
)";
    result += body;
    result += "\n</main>\n</body>\n</html>\n";
    return result;
}

} // namespace examples

#endif
