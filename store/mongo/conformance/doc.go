// Package conformance has the tests that prove store/mongo against a server. It is a module of its own, so that the stand-in for
// MongoDB that they start in their own process is nobody else's dependency: FerretDB 1.24, which speaks MongoDB's protocol over SQLite.
//
// A real MongoDB is not run here. What FerretDB does otherwise is named where it matters: its updates are not atomic under contention, as
// those of single documents are in MongoDB, so that the stores of the suite have one connection each.
package conformance
