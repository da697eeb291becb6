// Package discordsim is a simulated Discord: the REST API (v9 and v10), the gateway and the file
// CDN on one loopback address, with the guilds, channels, people and messages behind them.
//
// A bot connects to it with the base address from [Server.URL] and the token from
// [Server.BotToken]. Tests and web pages act as the people in it: they talk with [Server.Say],
// read what stands in a channel with [Server.Messages] and wait for a condition with
// [Server.WaitFor]. What counts is the state that is left, not the calls that were made, although
// [Server.Calls] and [Server.GatewayLog] keep a journal of both.
//
// What it guarantees: one bot application; ids are snowflakes that never repeat, also between
// starts; every accepted message is stored before it is dispatched and before the response is
// written; dispatches have the order of the changes; view permissions, intents and the message
// content rule hold on REST and on the gateway alike. [Coverage] lists which endpoints exist.
//
// People give commands and press buttons with [Server.InvokeCommand], [Server.InvokeMessageCommand] and [Server.Press];
// what only one of them sees is in [Server.Whispers].
//
// What it does not do: modals, autocompletion and user commands, voice, webhooks over REST, a second
// bot application, etf encoding. Nothing is kept after [Server.Close].
package discordsim
