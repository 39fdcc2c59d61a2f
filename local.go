package jeton

// Credentials are those of the local strategy.
type Credentials struct {
	Email    string `json:"email" doc:"E-mail address" maxLength:"254" example:"ada@example.com"`
	Password string `json:"password" doc:"Password" maxLength:"4096" example:"correct horse battery"`
}

// AccountName is the address's key.
func (c *Credentials) AccountName() string { panic("declared") }

// String leaves out the password.
func (c Credentials) String() string { panic("declared") }

// GoString is the same as String.
func (c Credentials) GoString() string { panic("declared") }
