package password_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jetonauth/jeton/password"
)

func ExampleArgon2id() {
	var hasher password.Argon2id // OWASP's parameters
	hash, err := hasher.Hash("correct horse battery staple")
	if err != nil {
		panic(err)
	}
	fmt.Println(hash[:strings.LastIndex(hash, "p=1")+3])

	right, _ := hasher.Check(hash, "correct horse battery staple")
	wrong, _ := hasher.Check(hash, "Tr0ub4dor&3")
	fmt.Println(right.Match, wrong.Match)
	// Output:
	// $argon2id$v=19$m=19456,t=2,p=1
	// true false
}

// An imported hash is replaced when its owner signs in.
func ExampleHasher() {
	var hasher password.Hasher = password.Argon2id{}
	stored := "$2y$04$xkt07IxQWvqpOA.LsV/af.r6jaSwR9bCVQHs3.emogcl7.bG1y27W"

	typed := "correct horse battery staple"
	result, err := hasher.Check(stored, typed)
	if err == nil && result.Match && result.Upgrade {
		stored, err = hasher.Hash(typed)
	}
	fmt.Println(password.Scheme(stored), err)
	// Output: argon2id <nil>
}

func ExampleScheme() {
	fmt.Println(password.Scheme("$2b$12$gYhZqZu4RZfSffpPrAW1a.Vjyu1Yx7SOuz74Sco0F.5MW939ARVs6"))
	fmt.Println(password.Scheme("$pbkdf2$1200$jvHe27s3xlhrrfXeuzfGeA$yxyTZ.8KCB8ALqudyToFlCV320U"))
	fmt.Printf("%q\n", password.Scheme("5f4dcc3b5aa765d61d8327deb882cf99"))
	// Output:
	// bcrypt
	// pbkdf2-sha1
	// ""
}

func ExampleStandard() {
	var policy password.Policy = password.Standard{MinLength: 10}
	for _, candidate := range []string{"Tr0ub4dor", "1234567890", "ada@example.com", "correct horse battery staple"} {
		err := policy.Check(candidate, "ada@example.com", "Ada Lovelace")
		if refused, ok := errors.AsType[*password.PolicyError](err); ok {
			fmt.Println(refused.Code+":", refused.Message)
			continue
		}
		fmt.Println("may be set")
	}
	// Output:
	// too_short: The password is too short. It must have at least 10 characters.
	// too_common: Many people use this password, so it is easy to guess. Choose another one.
	// too_similar: The password is too easy to guess from your e-mail address or name. Choose another one.
	// may be set
}

func ExampleCommon() {
	fmt.Println(password.Common("Sunshine"), password.Common("correct horse battery staple"))
	// Output: true false
}

func ExampleNormalize() {
	composed, decomposed := "caf\u00e9", "cafe\u0301"
	fmt.Println(composed == decomposed, password.Normalize(composed) == password.Normalize(decomposed))
	// Output: false true
}

// The hash of an account that Django has kept.
func ExampleConvert() {
	hash, err := password.Convert("pbkdf2_sha256$1000$saltsaltsalt$KQDle8SXZRa7sBUZQfkYQI6NXnZxupxhxtm+aXnClyg=")
	fmt.Println(hash, err)
	result, err := password.Argon2id{}.Check(hash, "correct horse battery staple")
	fmt.Println(result.Match, result.Upgrade, err)

	_, err = password.Convert("$P$B12345678abcdefghijklmnopqrstu")
	fmt.Println(err)
	// Output:
	// $pbkdf2-sha256$i=1000$c2FsdHNhbHRzYWx0$KQDle8SXZRa7sBUZQfkYQI6NXnZxupxhxtm+aXnClyg <nil>
	// true true <nil>
	// password: hash of an unknown form: phpass, of WordPress and others
}

func ExampleForm() {
	fmt.Println(password.Form("$2y$04$xkt07IxQWvqpOA.LsV/af.r6jaSwR9bCVQHs3.emogcl7.bG1y27W"))
	fmt.Println(password.Form("$argon2i$v=19$m=64,t=3,p=2$c29tZXNhbHQ$CbzQ1QonTNWQUQFBHA8SMVhwaIy8taCDc+Zn+ZDsWco"))
	// Output:
	// $2b$04$
	// $argon2i$v=19$m=64,t=3,p=2$43
}

// What an account that is not there is checked against, so that the time tells nothing.
func ExampleDecoy() {
	hash, err := password.Decoy("$2b$10$")
	fmt.Println(password.Scheme(hash), password.Form(hash), err)
	// Output: bcrypt $2b$10$ <nil>
}
