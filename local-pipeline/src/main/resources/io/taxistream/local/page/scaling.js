// The buttons that change shards and task managers.

/** Enables the buttons. */
export function connectButtons() {
  const token = document.querySelector('meta[name="page-token"]').content;
  const panel = document.getElementById("scaling");
  const said = document.getElementById("scaled");
  panel.addEventListener("click", async event => {
    const action = event.target.dataset.action;
    if (!action) {
      return;
    }
    const shards = document.getElementById("shard-count");
    if (action === "set-shard-count" && !shards.reportValidity()) {
      return;
    }
    const query = action === "set-shard-count" ? `?shards=${shards.value}` : "";
    event.target.disabled = true;
    said.textContent = "Working…";
    try {
      const answer = await fetch(`/api/scaling/${action}${query}`, { method: "POST", headers: { "X-Page-Token": token } });
      said.textContent = answer.ok ? (await answer.json()).message : `Rejected: ${await answer.text()}`;
    } catch {
      said.textContent = "The pipeline is not responding.";
    }
    event.target.disabled = false;
  });
}
