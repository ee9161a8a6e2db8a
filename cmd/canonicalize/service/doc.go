// Package service puts the parts of the App together: GitHub's client, the bot, the store and the server. The
// commands serve and preview both run what [New] returns, so that a preview shows what a server does.
//
// Between the parts stand adapters: github.go gives the server GitHub's installations and deliveries in the store's
// words, pass.go gives it the bot's pass, people.go its reviews and commands.
package service
