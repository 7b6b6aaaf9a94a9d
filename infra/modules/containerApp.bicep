metadata name = 'Registry as a container app'
metadata description = 'The registry as a plain server in a container that scales to zero: the whole of it, or what takes uploads beside Azure Functions.'

@description('Name of the app, the first label of its address.')
@maxLength(32)
param name string

@description('Region of the app.')
param location string

@description('Tags of the app.')
param tags object

@description('Resource id of the environment in which it runs.')
param environmentId string

@description('Resource id of the identity under which it works.')
param identityId string

@description('Image made by infra/image.sh.')
param image string

@description('Server from which the image is pulled under the identity; empty when it is public.')
param imageServer string

@description('Settings, by the names of environment variables.')
param settings object

@description('Settings that are secret, by the names of environment variables.')
@secure()
param secretSettings object

@description('Whether there are any.')
param hasSecretSettings bool

@description('Addresses of secrets in a key vault, by the names of environment variables.')
param vaultSettings object

@description('Cores of a replica, such as 0.5. It gets two GiB of memory for each.')
param cpu string

@description('Fewest replicas; 0 scales to zero.')
@minValue(0)
param minReplicas int

@description('Most replicas.')
@minValue(1)
@maxValue(1000)
param maxReplicas int

@description('Requests at a time for a replica before another is started.')
@minValue(1)
param concurrentRequests int

@description('Seconds that it gets to end what it has begun. The registry itself takes five less, for what it has measured to be sent.')
@minValue(30)
@maxValue(600)
param graceSeconds int

@description('Where the server listens.')
var port = 8080

@description('Memory of a replica, by its cores: the only pairs that the platform takes.')
var memory = {
  '0.25': '0.5Gi'
  '0.5': '1Gi'
  '0.75': '1.5Gi'
  '1': '2Gi'
  '1.25': '2.5Gi'
  '1.5': '3Gi'
  '1.75': '3.5Gi'
  '2': '4Gi'
}

@description('Secrets: names are lower-case, without underscores.')
var secrets = concat(
  hasSecretSettings
    ? map(items(secretSettings), setting => {
        name: toLower(replace(replace(setting.key, '__', '-'), '_', '-'))
        value: setting.value
      })
    : [],
  map(items(vaultSettings), setting => {
    name: toLower(replace(replace(setting.key, '__', '-'), '_', '-'))
    keyVaultUrl: setting.value
    identity: identityId
  })
)

@description('Environment of the container.')
var variables = concat(
  map(items(settings), setting => {
    name: setting.key
    value: setting.value
  }),
  map(concat(hasSecretSettings ? objectKeys(secretSettings) : [], objectKeys(vaultSettings)), key => {
    name: key
    secretRef: toLower(replace(replace(key, '__', '-'), '_', '-'))
  })
)

@description('Where the image comes from, if not from a public place.')
var imageRegistries = empty(imageServer)
  ? []
  : [
      {
        server: imageServer
        identity: identityId
      }
    ]

resource app 'Microsoft.App/containerApps@2025-01-01' = {
  name: name
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    environmentId: environmentId
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      ingress: {
        external: true
        targetPort: port
        transport: 'http'
        allowInsecure: false
      }
      secrets: secrets
      registries: imageRegistries
    }
    template: {
      terminationGracePeriodSeconds: graceSeconds
      containers: [
        {
          name: 'registry'
          image: image
          env: concat(
            [
              {
                name: 'urls'
                value: 'http://0.0.0.0:${port}'
              }
            ],
            variables
          )
          resources: {
            cpu: json(cpu)
            memory: memory[cpu]
          }
          // All ask for the process and none for /healthz: trouble of the storage must neither restart the app nor take it away from its clients, whom it tells to come again.
          probes: [
            {
              type: 'Startup'
              periodSeconds: 1
              failureThreshold: 30
              httpGet: {
                path: '/'
                port: port
              }
            }
            {
              type: 'Readiness'
              periodSeconds: 5
              failureThreshold: 3
              httpGet: {
                path: '/'
                port: port
              }
            }
            {
              type: 'Liveness'
              periodSeconds: 10
              failureThreshold: 3
              httpGet: {
                path: '/'
                port: port
              }
            }
          ]
        }
      ]
      scale: {
        minReplicas: minReplicas
        maxReplicas: maxReplicas
        rules: [
          {
            name: 'requests'
            http: {
              metadata: {
                concurrentRequests: string(concurrentRequests)
              }
            }
          }
        ]
      }
    }
  }
}

@description('Resource id of the app.')
output id string = app.id

@description('Host name of the app itself.')
output hostName string = app.properties.configuration.ingress.fqdn
