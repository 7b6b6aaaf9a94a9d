metadata name = 'Maintenance as a job'
metadata description = 'A scheduled job beside the container app. The app does the same, but only while somebody keeps it awake; rows in storage tell both what is due and who does it.'

@description('Name of the job.')
@maxLength(32)
param name string

@description('Region of the job.')
param location string

@description('Tags of the job.')
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

@description('When the registry looks which maintenance is due and does it, as an NCRONTAB expression with seconds, UTC: garbage, uploads left behind, retention, verification. Each look starts a container.')
param maintenanceSchedule string

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

resource job 'Microsoft.App/jobs@2025-01-01' = {
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
      triggerType: 'Schedule'
      replicaTimeout: 1800
      replicaRetryLimit: 0
      scheduleTriggerConfig: {
        // Five fields: the same without seconds.
        cronExpression: join(skip(split(maintenanceSchedule, ' '), 1), ' ')
      }
      secrets: secrets
      registries: imageRegistries
    }
    template: {
      containers: [
        {
          name: 'maintenance'
          image: image
          // Behind the entry point of the image, which is the server.
          args: [
            '--run-task'
            'Maintenance'
          ]
          env: variables
          resources: {
            cpu: json(cpu)
            memory: memory[cpu]
          }
        }
      ]
    }
  }
}
