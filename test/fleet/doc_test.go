// Package fleet_test runs the program jeton as its users do, several of it over one database, and takes away from under it what can be
// taken away: a node by SIGKILL, the network, the database, Redis, the space on the disk. Meanwhile clients sign up, sign in, call,
// refresh and sign out, and remember what they were told. In the end everything that was acknowledged has to hold.
//
// `go test` runs a short form of it, and `make fleet` the long one, with a report.
package fleet_test
