metadata name = 'Registry on Azure Container Apps'
metadata description = 'The registry as a plain server in a container that scales to zero, and a job for maintenance: the app does it too, but only while somebody keeps it awake.'

@description('Name of the app, the first label of its address.')
@maxLength(32)
param name string

@description('Region of the app.')
param location string

@description('Tags of the app.')
param tags object

@description('Resource id of the identity of the app.')
param identityId string

@description('Resource id of the workspace that takes the logs.')
param workspaceId string

@description('Image made by infra/image.sh.')
param image string

@description('Registry from which the image is pulled under the identity of the app; empty when it is public.')
param imageRegistry string

@description('Settings of the registry, by the names of its environment variables.')
param registrySettings object

@description('The address that clients use; empty for that of the app itself.')
param publicUrl string

@description('Proxies before the app, the ingress included, that add to X-Forwarded-For.')
param proxies int

@description('Subnet that the environment joins; empty for none.')
param subnetId string

@description('Cores of a replica, such as 0.5.')
param cpu string

@description('Memory of a replica, two GiB for a core.')
param memory string

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

@description('When the registry looks which maintenance is due and does it, as an NCRONTAB expression with seconds, UTC: garbage, uploads left behind, retention, verification. Each look starts a container.')
param maintenanceSchedule string

@description('Whether the environment is spread over availability zones; needs a subnet.')
param zoneRedundant bool

@description('Where the server listens.')
var port = 8080

@description('Settings that depend on where the registry runs.')
var ownSettings = {
  urls: 'http://0.0.0.0:${port}'
  Registry__PublicUrl: empty(publicUrl) ? 'https://${name}.${managedEnvironment.properties.defaultDomain}' : publicUrl
  Registry__Auth__Proxies: string(proxies)
}

@description('Environment of the container; settings of the registry win.')
var variables = map(items(union(ownSettings, registrySettings)), setting => {
  name: setting.key
  value: setting.value
})

@description('Where the image comes from, if not from a public place.')
var imageRegistries = [
  {
    server: imageRegistry
    identity: identityId
  }
]

resource managedEnvironment 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: 'cae-${name}'
  location: location
  tags: tags
  properties: {
    // Logs by a diagnostic setting need no key of the workspace.
    appLogsConfiguration: {
      destination: 'azure-monitor'
    }
    vnetConfiguration: empty(subnetId)
      ? null
      : {
          infrastructureSubnetId: subnetId
          internal: false
        }
    workloadProfiles: [
      {
        name: 'Consumption'
        workloadProfileType: 'Consumption'
      }
    ]
    zoneRedundant: zoneRedundant
  }
}

// The stable version is older and knows no groups of categories.
#disable-next-line use-recent-api-versions
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: managedEnvironment
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
  }
}

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
    environmentId: managedEnvironment.id
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      ingress: {
        external: true
        targetPort: port
        transport: 'http'
        allowInsecure: false
      }
      registries: empty(imageRegistry) ? [] : imageRegistries
    }
    template: {
      // Uploads under way get the time in which the registry itself would end them (Shutdown:Grace), and what is measured five seconds to be sent.
      terminationGracePeriodSeconds: 30
      containers: [
        {
          name: 'registry'
          image: image
          env: variables
          resources: {
            cpu: json(cpu)
            memory: memory
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

// Rows in storage tell the job and the app what is due and who does it.
resource maintenance 'Microsoft.App/jobs@2025-01-01' = {
  name: 'maintenance'
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    environmentId: managedEnvironment.id
    workloadProfileName: 'Consumption'
    configuration: {
      triggerType: 'Schedule'
      replicaTimeout: 1800
      replicaRetryLimit: 0
      scheduleTriggerConfig: {
        // Five fields: the same without seconds.
        cronExpression: join(skip(split(maintenanceSchedule, ' '), 1), ' ')
      }
      registries: empty(imageRegistry) ? [] : imageRegistries
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
            memory: memory
          }
        }
      ]
    }
  }
}

@description('Resource id of the app.')
output id string = app.id

@description('Host name of the app itself.')
output hostName string = app.properties.configuration.ingress.fqdn
