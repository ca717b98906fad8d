// Requests to the server. A refusal is a value, not an exception.
const TOKEN = "seqlab-token";
const headers = () => {
  const token = sessionStorage.getItem(TOKEN);
  return { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) };
};

// Returns { value } or { code, message, status, wait }: wait is in seconds, undefined if it is of no use to ask again.
const ask = async (path, body) => {
  let response, value;
  try {
    response = await fetch(path, body === undefined
      ? { headers: headers() }
      : { method: "POST", headers: headers(), body: JSON.stringify(body) });
    value = await response.json();
  } catch {
    if (!response) return { status: 0, code: "unreachable", message: "The server does not answer. The page asks again every 2 seconds.", wait: 2 };
    value = null;
  }
  if (response.ok && value) return { value };
  const error = value?.error ?? {};
  return {
    status: response.status,
    code: error.code ?? "",
    message: error.message ?? `The server answers ${response.status}.`,
    wait: [429, 503].includes(response.status) ? Number(response.headers.get("Retry-After")) || 1 : undefined,
  };
};
