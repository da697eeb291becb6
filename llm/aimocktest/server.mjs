// Starts aimock on a free port with the answers that client_test.go expects, and prints its base URL.
// It ends when its standard input does, that is, with the test.
import { LLMock } from "@copilotkit/aimock";

const mock = new LLMock({ port: 0, host: "127.0.0.1", auth: { apiKeys: ["test-key"] } });

mock.on(
  { userMessage: "greet me" },
  { content: "Hello there — grüß dich, 世界!\nSecond line.", usage: { prompt_tokens: 11, completion_tokens: 9, total_tokens: 20 } },
  { chunkSize: 5 },
);
mock.on({ userMessage: "run out" }, { content: "cut short", finishReason: "length" });
mock.on({ userMessage: "be filtered" }, { content: "", finishReason: "content_filter" });
mock.on({ userMessage: "limit me" }, { error: { message: "Rate limit reached", type: "rate_limit_error", code: "rate_limit_exceeded" }, status: 429, retryAfter: 45 });
mock.on({ userMessage: "limit once", sequenceIndex: 0 }, { error: { message: "Rate limit reached", type: "rate_limit_error" }, status: 429, retryAfter: 1 });
mock.on({ userMessage: "limit once", sequenceIndex: 1 }, { content: "after the wait" });
mock.on({ userMessage: "fail" }, { error: { message: "The server had an error", type: "server_error" }, status: 500 });
mock.on({ userMessage: "be too long" }, {
  error: {
    message: "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens. Please reduce the length of the messages.",
    type: "invalid_request_error", code: "context_length_exceeded",
  },
  status: 400,
});
mock.on({ userMessage: "cut me" }, { content: "one two three four five six seven" }, { chunkSize: 4, latency: 20, truncateAfterChunks: 3 });
mock.on({ userMessage: "drop me" }, { content: "one two three four five six seven" }, { chunkSize: 4, latency: 30, disconnectAfterMs: 100 });
mock.on({ userMessage: "take your time" }, { content: "one two three four five six seven" }, { chunkSize: 4, latency: 20 });
// Answers only a request that has been shaped for Gemma: one user turn, the persona in it.
mock.on(
  { predicate: (req) => req.messages.length === 1 && req.messages[0].role === "user" && req.messages[0].content === "Be kind.\n\nfold it" },
  { content: "folded" },
);

await mock.start();
console.log(mock.url + "/v1");
process.stdin.resume();
process.stdin.on("end", () => mock.stop().finally(() => process.exit(0)));
