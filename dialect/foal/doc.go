// Package foal protects handlers as the hooks of FoalTS' @foal/jwt do, with the same settings and the same answers, for front ends that stay
// as they are while the server behind them becomes one in Go.
//
//	signedIn, err := foal.JWTRequired(foal.Options{}) // the key is SETTINGS_JWT_SECRET_OR_PUBLIC_KEY's
//	mux.Handle("GET /products", signedIn(http.HandlerFunc(listProducts)))
//
// [JWTRequired] and [JWTOptional] make middleware of [Options]; [Users] and [UsersByNumber] load the application's own user; [Cookies]
// sets and removes the cookies that the hooks read; [Settings] are those of Foal's configuration below "settings.jwt". The principal is
// in the request's context as behind every guard ([jeton.FromContext]), in place of ctx.user.
//
// The proof is jeton's, and so stricter than jsonwebtoken's where that would accept what nobody should: the differences, and a test for
// everything else that @foal/jwt documents, are listed in CHECKLIST.md beside this package.
package foal
