// Talks to the sandbox: JSON under /sandbox/, and one long poll for all that happens.

export async function get(path) {
  return answer(await fetch(`/sandbox/${path}`));
}

export async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  return answer(await fetch(`/sandbox/${path}`, { method: "POST", headers, body: JSON.stringify(body) }));
}

async function answer(response) {
  const body = await response.json();
  if (!response.ok) throw new Error(body.error ?? response.statusText);
  return body;
}

// Calls `tell` with each event after `seq`, for ever. After a lost connection or a restart of the sandbox it calls
// `resync`, which returns the number to go on from.
export async function follow(seq, { tell, resync, online }) {
  for (;;) {
    try {
      const found = await get(`events?after=${seq}&timeout=25`);
      if (found.seq < seq) throw new Error("the sandbox was started again");
      seq = found.seq;
      for (const event of found.events) tell(event);
    } catch {
      seq = await again(resync, online);
    }
  }
}

async function again(resync, online) {
  online(false);
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    try {
      const seq = await resync();
      online(true);
      return seq;
    } catch {
      continue;
    }
  }
}
