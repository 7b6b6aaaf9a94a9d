metadata name = 'Leave to send events'
metadata description = 'Lets the identity send to an Event Grid topic. It is a module of its own because the topic may be in another resource group or subscription.'

@description('Name of the topic.')
param topicName string

@description('Object id of the identity that sends.')
param principalId string

@description('Ids of roles by name.')
var roles = loadJsonContent('../facts/roles.json')

resource topic 'Microsoft.EventGrid/topics@2025-02-15' existing = {
  name: topicName
}

resource send 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(topic.id, principalId, roles.eventGridDataSender.id)
  scope: topic
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.eventGridDataSender.id)
    principalId: principalId
    principalType: 'ServicePrincipal'
    description: 'Sends the events of the registry.'
  }
}
