/** The page's style sheet: system fonts, one accent, light and dark, two panes that become one on a phone. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f8; --card: #fff; --line: #dde2e6; --text: #1b1f24; --soft: #57606a; --accent: #0b7285;
  --accent-soft: #e3f3f6; --bad: #b42318; --code: #f1f4f6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101418; --card: #181d22; --line: #2c343b; --text: #e6eaee; --soft: #9aa6b2; --accent: #4cc3d9;
    --accent-soft: #12313a; --bad: #ff9b8f; --code: #20272d;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 40vh; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1, h2, p, ol, dl, dd, pre { margin: 0; padding: 0; }
a { color: var(--accent); }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
button, input { font: inherit; color: inherit; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
button { padding: 4px 12px; cursor: pointer; }
button:hover { border-color: var(--accent); }
[hidden] { display: none; }

header, main { max-width: 1180px; margin: 0 auto; padding: 0 20px; }
header { display: flex; align-items: center; gap: 16px; padding-top: 14px; }
.brand { display: flex; align-items: center; gap: 10px; color: inherit; font-weight: 650; text-decoration: none; }
#state { margin-left: auto; color: var(--soft); font-size: 13px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
#state[data-state]::before { content: ''; display: inline-block; width: 8px; height: 8px; margin-right: 7px; border-radius: 50%; background: #2f9e44; }
#state[data-state='lost'] { color: var(--bad); }
#state[data-state='lost']::before { background: var(--bad); }

.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 10px 16px; padding: 18px 0 14px; }
h1 { font-size: 24px; font-weight: 650; letter-spacing: -.01em; margin-right: auto; }
#count { color: var(--soft); font-weight: 400; font-size: 18px; margin-left: 4px; }
form { display: flex; align-items: center; gap: 8px; }
label { color: var(--soft); }
input { padding: 4px 10px; width: 16em; min-width: 0; }
::placeholder { color: var(--soft); opacity: 1; }

.panes { display: grid; grid-template-columns: minmax(300px, 5fr) 8fr; gap: 18px; align-items: start; padding-bottom: 40px; }
#messages { list-style: none; display: grid; gap: 10px; }
#messages > li, article, .guide { background: var(--card); border: 1px solid var(--line); border-radius: 12px; min-width: 0; }
#messages > li { padding: 12px 16px 14px; position: relative; }
#messages > li:hover, #messages > li:has([aria-current]) { border-color: var(--accent); }
#messages > li:has([aria-current]) { background: var(--accent-soft); }
.entry { display: block; color: inherit; text-decoration: none; }
/* The whole card is the link; the code and its button lie above it. */
.entry::after { content: ''; position: absolute; inset: 0; border-radius: 12px; }
.entry:focus-visible { outline: none; }
.entry:focus-visible::after { outline: 2px solid var(--accent); outline-offset: 2px; }
.line { display: flex; justify-content: space-between; gap: 12px; }
.line time { color: var(--soft); font-size: 13px; white-space: nowrap; line-height: 23px; }
.to, .subject { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.subject { display: block; }
.facts { color: var(--soft); font-size: 13px; }
.code { display: flex; align-items: center; gap: 12px; margin-top: 6px; }
.code code { font-size: 25px; font-weight: 600; letter-spacing: .08em; line-height: 1.3; overflow-wrap: anywhere; user-select: all; }
li .code { position: relative; width: fit-content; z-index: 1; }
.copy { font-size: 13px; padding: 2px 10px; }

article { padding: 20px 22px 22px; position: sticky; top: 16px; }
h2 { font-size: 19px; font-weight: 650; overflow-wrap: anywhere; }
article .code { margin: 4px 0 14px; }
article .code code { font-size: 34px; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17em), 1fr)); gap: 8px 20px; margin-top: 18px; }
dt { color: var(--soft); font-size: 13px; }
dd { overflow-wrap: anywhere; }
.back { display: none; }
.mail { display: block; width: 100%; border: 1px solid var(--line); border-radius: 8px; background: #fff; color-scheme: light; resize: vertical; }
.sms { padding: 12px 16px; width: fit-content; max-width: 34em; border-radius: 16px 16px 16px 4px; background: var(--code); white-space: pre-wrap; overflow-wrap: anywhere; }

.guide { padding: 28px 30px; }
.guide p { margin-top: 8px; color: var(--soft); max-width: 62ch; overflow-wrap: anywhere; }
.guide pre { margin-top: 16px; padding: 16px 18px; border-radius: 8px; background: var(--code); overflow-x: auto; font-size: 13px; line-height: 1.6; }
.guide .after { margin-top: 12px; color: inherit; }
.panes:has(#messages:empty) { grid-template-columns: minmax(0, 1fr); max-width: 820px; }
#messages:empty, main:has(#messages:empty) #clear { display: none; }
.error { margin-bottom: 14px; color: var(--bad); overflow-wrap: anywhere; }

@media (prefers-reduced-motion: no-preference) {
  .fresh { animation: arrive 1.6s ease-out; }
  @keyframes arrive { from { background: var(--accent-soft); border-color: var(--accent); } }
}
@media (max-width: 760px) {
  header, main { padding-left: 14px; padding-right: 14px; }
  form { order: 3; flex: 1 0 100%; min-width: 0; }
  input { flex: 1; width: 0; font-size: 16px; }
  .panes { grid-template-columns: minmax(0, 1fr); }
  /* One thing at a time: the list, or the message that was chosen from it. */
  body:not(.chosen) #messages:not(:empty) ~ #message, .chosen #messages, .chosen .bar { display: none; }
  .chosen .panes { padding-top: 14px; }
  .back { display: inline-block; margin-bottom: 10px; }
  article { padding: 16px; position: static; }
  .guide { padding: 20px; }
}
`;
