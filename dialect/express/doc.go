// Package express protects handlers as express-jwt does, and signs in at POST /token as the Express applications around it do, for front ends
// that stay as they are while the server behind them becomes one in Go.
//
//	app, err := express.New(express.Config{Auth: auth})
//	mux := http.NewServeMux()
//	app.Mount(mux)                             // POST /token
//	mux.HandleFunc("GET /", home)              // registered here it is public
//	private := http.NewServeMux()
//	private.HandleFunc("GET /news", listNews)  // and here private, as is every path that nobody has
//	mux.Handle("/", app.Guard(private))
//
// [New] is for accounts and sessions of jeton; [JWT] makes the guard alone, of a secret, a public key or a function that finds one.
// [Claims] in a handler are what req.auth is there.
//
// The proof is jeton's, and so stricter than jsonwebtoken's where that would accept what nobody should: the differences, and a test for
// everything else that express-jwt documents, are listed in CHECKLIST.md beside this package.
package express
