package jwk

// MarshalJSON returns the public part as a JWK. For a secret it is [ErrUnsupported]: secrets are never published.
func (k *Key) MarshalJSON() ([]byte, error) { panic("declared") }

// MarshalPrivateJWK returns the whole key as a JWK, private part or secret included. A key without a private part, or
// held by a signer that does not give it away, is [ErrNoPrivateKey].
func (k *Key) MarshalPrivateJWK() ([]byte, error) { panic("declared") }

// MarshalPrivatePEM returns the private key as a PKCS#8 PEM block. A secret, or a key held by a signer that does not
// give its private part away, is [ErrNoPrivateKey].
func (k *Key) MarshalPrivatePEM() ([]byte, error) { panic("declared") }

// MarshalPublicPEM returns the public key as a PKIX PEM block. A secret is [ErrUnsupported].
func (k *Key) MarshalPublicPEM() ([]byte, error) { panic("declared") }
