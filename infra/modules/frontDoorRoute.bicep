metadata name = 'Front Door route'
metadata description = 'Leads everything that reaches the endpoint to the app. Nothing is cached: answers depend on who asks.'

@description('Name of the profile.')
param profileName string

@description('Name of the endpoint.')
param endpointName string

@description('Host name of the app itself.')
param originHostName string

@description('Host name of one\'s own; empty for none.')
param customDomain string

resource profile 'Microsoft.Cdn/profiles@2025-04-15' existing = {
  name: profileName
}

resource endpoint 'Microsoft.Cdn/profiles/afdEndpoints@2025-04-15' existing = {
  parent: profile
  name: endpointName
}

resource originGroup 'Microsoft.Cdn/profiles/originGroups@2025-04-15' = {
  parent: profile
  name: 'registry'
  properties: {
    // No health probe: there is one origin, and probes from every edge would keep the app from scaling to zero.
    loadBalancingSettings: {
      sampleSize: 4
      successfulSamplesRequired: 3
    }
  }
}

resource origin 'Microsoft.Cdn/profiles/originGroups/origins@2025-04-15' = {
  parent: originGroup
  name: 'registry'
  properties: {
    hostName: originHostName
    originHostHeader: originHostName
    httpsPort: 443
    priority: 1
    weight: 1000
    enabledState: 'Enabled'
    enforceCertificateNameCheck: true
  }
}

resource domain 'Microsoft.Cdn/profiles/customDomains@2025-04-15' = if (!empty(customDomain)) {
  parent: profile
  name: replace(customDomain, '.', '-')
  properties: {
    hostName: customDomain
    tlsSettings: {
      certificateType: 'ManagedCertificate'
      minimumTlsVersion: 'TLS12'
    }
  }
}

resource route 'Microsoft.Cdn/profiles/afdEndpoints/routes@2025-04-15' = {
  parent: endpoint
  name: 'registry'
  properties: {
    originGroup: {
      id: originGroup.id
    }
    customDomains: empty(customDomain)
      ? []
      : [
          {
            id: domain.id
          }
        ]
    supportedProtocols: [
      'Https'
    ]
    patternsToMatch: [
      '/*'
    ]
    forwardingProtocol: 'HttpsOnly'
    httpsRedirect: 'Disabled'
    linkToDefaultDomain: empty(customDomain) ? 'Enabled' : 'Disabled'
    enabledState: 'Enabled'
  }
  dependsOn: [
    origin
  ]
}

@description('Value of the TXT record _dnsauth before the custom domain, which proves that it is yours; empty without one.')
output domainValidationToken string = empty(customDomain) ? '' : domain!.properties.validationProperties.validationToken
