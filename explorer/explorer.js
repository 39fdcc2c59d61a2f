// Starts Swagger UI with what the page says.
'use strict'

{
  const place = document.getElementById('explorer')
  const { document: description, signIn, refresh } = place.dataset
  // References begin at the folder of this file, which is the explorer's own.
  const resolve = (reference) => reference && new URL(reference, document.currentScript.src).href
  const session = newSession({ signIn: resolve(signIn), refresh: resolve(refresh) })

  // A request carries what Authorize took, and nothing else that the browser has, unless the document wants a cookie. Without this,
  // a service that asks for HTTP Basic makes the browser ask for a password in a window of its own.
  const wantsCookies = () =>
    ui.specSelectors.securityDefinitions()?.some((scheme) => scheme.get('type') === 'apiKey' && scheme.get('in') === 'cookie')

  const ui = SwaggerUIBundle({
    url: resolve(description),
    domNode: place,
    layout: 'BaseLayout',
    presets: [SwaggerUIBundle.presets.apis],
    plugins: signIn ? [session.plugin] : [],
    requestInterceptor: async (request) => {
      if (request.loadSpec) return request
      await session.renew(request)
      if (!wantsCookies()) request.credentials = 'omit'
      return request
    },
    deepLinking: true,
    displayRequestDuration: true,
    defaultModelsExpandDepth: 0,
    defaultModelExpandDepth: 2,
    persistAuthorization: false,
    queryConfigEnabled: false,
    validatorUrl: null,
  })
}
