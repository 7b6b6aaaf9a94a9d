// Azure Functions with storage in a network, behind Front Door with a domain, uploads on their own path, and events for a webhook and for a topic in another resource group.
using '../main.bicep'

param containerImage = 'ghcr.io/example/registry:1'
param privateNetworking = true
param networkAddressPrefix = '10.90.0.0/20'
param customDomain = 'registry.example.com'
param frontDoorLogs = true
param events = {
  ci: {
    Url: 'https://ci.example.com/hook'
    Format: 'CloudEvents'
  }
  topic: {
    Url: 'https://example.westeurope-1.eventgrid.azure.net/api/events'
    Format: 'EventGrid'
  }
}
param eventGridTopicId = '/subscriptions/00000000-0000-0000-0000-000000000003/resourceGroups/messages/providers/Microsoft.EventGrid/topics/example'
param operatorPrincipalId = readEnvironmentVariable('REGISTRY_OPERATOR_ID')
param operatorPrincipalType = 'ServicePrincipal'
