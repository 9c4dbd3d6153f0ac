// What a person does and can take back: desk.perform, desk.undo, desk.act, and an act in words.
(() => {
  const { t } = desk;
  // It goes to Python one after the other, so that « Annuler » right after a key
  // waits for that key's act; act is what « Annuler » takes back now, as Python told it last.
  let act = null, waiting = 0, line = Promise.resolve(true);
  function inLine(work) {
    waiting++;
    const mine = line.then(work).finally(() => { waiting--; });
    line = mine.then(() => true, () => false);  // whoever asked handles the error; the line goes on
    return mine;
  }
  function learn(answer) {
    if (answer.photos && answer.photos.length) desk.update(answer.photos);
    act = answer.act;
    desk.emit("act", act);
    return answer;
  }
  const perform = (method, args, options) => inLine(async () => learn(await desk.call(method, args, options)));
  const askAct = () => inLine(async () => learn(await desk.call("last_act", {}, { quiet: true }))).catch((error) => console.warn(error));
  // Take back the newest act, or the one that a message named. Resolves with what was undone, null when nothing was.
  function undo(seq = null) {
    const behind = waiting > 0;
    return inLine(async (well) => {
      if (behind && !well) return null;  // the act meant was not recorded: nothing older goes in its place
      const wanted = seq || (act && act.seq);
      if (!wanted) { desk.toast(t("undo.nothing")); return null; }
      try {
        const { undone } = learn(await desk.call("undo", { seq: wanted }));
        desk.toast([t("undo.done", { act: actWords(undone) }), ...keptWords(undone)].join(" · "));
        desk.emit("undone", undone);
        return undone;
      } catch (error) {
        if (!error.told) throw error;
        learn(await desk.call("last_act"));  // a colleague was faster: what comes before it is offered now
        return null;
      } finally { desk.wake(); }
    });
  }
  // An act in words: « avis OK sur virage.jpg et 11 autres photos », « version acceptée de panneau.png → original ».
  function actWords({ action, count, photos: some }) {
    const { name, after, before } = some[0], others = count - 1;
    const names = others ? t(others > 1 ? "undo.and_many" : "undo.and_one", { name, n: desk.number(others) }) : name;
    const same = some.every((one) => one.before === before);
    if (action === "add-style") return t("undo.style", { name: others ? `${name} (+ ${desk.number(others)})` : name });
    if (action === "accept") return t("undo.accept", { photos: names, before: before || t("undo.original") });
    if (!after) return t("undo.taken_back", { photos: names });
    const words = { verdict: t(`verdict.${after}`), photos: names, before: before && t(`verdict.${before}`) };
    return t(same && before ? "undo.decide_back" : "undo.decide", words);
  }
  const keptWords = ({ kept }) => (kept.length ? [t("undo.kept", { names: kept.map((one) => one.name).join(", "), who: [...new Set(kept.map((one) => one.who))].join(", ") })] : []);

  Object.defineProperty(desk, "act", { get: () => act });
  const takeBack = (one) => ({ label: t("undo.button"), run: () => undo(one.seq), seq: one.seq });  // for a message
  Object.assign(desk, { perform, undo, actWords, takeBack });
  desk.on("person", askAct);  // said once at the start, and whenever somebody else takes over
})();
