// Azure Container Apps, from a private container registry in another resource group, with events for an endpoint that only settings tell of.
using '../main.bicep'

param hosting = 'containerApps'
param containerImage = 'example.azurecr.io/registry:1'
param containerImageRegistryId = '/subscriptions/00000000-0000-0000-0000-000000000003/resourceGroups/images/providers/Microsoft.ContainerRegistry/registries/example'
param settings = {
  Registry__Events__ci__Url: 'https://ci.example.com/hook'
}
param alertEmail = readEnvironmentVariable('REGISTRY_ALERT_EMAIL')
