metadata name = 'Front Door route'
metadata description = 'Leads everything that reaches the endpoint to the app, and uploads to their own where there is one. Nothing is cached: answers depend on who asks.'

@description('Name of the profile.')
param profileName string

@description('Name of the endpoint.')
param endpointName string

@description('Host name of the app itself.')
param originHostName string

@description('Host name of the app that takes uploads; empty where there is none.')
param uploadsHostName string

@description('What the paths of uploads begin with.')
param uploadsPath string

@description('Host name of one\'s own; empty for none.')
param customDomain string

resource profile 'Microsoft.Cdn/profiles@2025-04-15' existing = {
  name: profileName
}

resource endpoint 'Microsoft.Cdn/profiles/afdEndpoints@2025-04-15' existing = {
  parent: profile
  name: endpointName
}

@description('What leads where. Front Door takes the longest pattern that fits.')
var ways = concat(
  [
    {
      name: 'registry'
      hostName: originHostName
      pattern: '/*'
    }
  ],
  empty(uploadsPath)
    ? []
    : [
        {
          name: 'uploads'
          hostName: uploadsHostName
          pattern: '${uploadsPath}/*'
        }
      ]
)

resource originGroups 'Microsoft.Cdn/profiles/originGroups@2025-04-15' = [
  for way in ways: {
    parent: profile
    name: way.name
    properties: {
      // No health probe: there is one origin, and probes from every edge would keep the app from scaling to zero.
      loadBalancingSettings: {
        sampleSize: 4
        successfulSamplesRequired: 3
      }
    }
  }
]

resource origins 'Microsoft.Cdn/profiles/originGroups/origins@2025-04-15' = [
  for (way, i) in ways: {
    parent: originGroups[i]
    name: way.name
    properties: {
      hostName: way.hostName
      originHostHeader: way.hostName
      httpsPort: 443
      priority: 1
      weight: 1000
      enabledState: 'Enabled'
      enforceCertificateNameCheck: true
    }
  }
]

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

resource routes 'Microsoft.Cdn/profiles/afdEndpoints/routes@2025-04-15' = [
  for (way, i) in ways: {
    parent: endpoint
    name: way.name
    properties: {
      originGroup: {
        id: originGroups[i].id
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
        way.pattern
      ]
      forwardingProtocol: 'HttpsOnly'
      httpsRedirect: 'Disabled'
      linkToDefaultDomain: empty(customDomain) ? 'Enabled' : 'Disabled'
      enabledState: 'Enabled'
    }
    dependsOn: [
      origins
    ]
  }
]

@description('Value of the TXT record _dnsauth before the custom domain, which proves that it is yours; empty without one, and once it has been proved.')
output domainValidationToken string = empty(customDomain) ? '' : domain!.properties.?validationProperties.?validationToken ?? ''
