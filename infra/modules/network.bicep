metadata name = 'Network'
metadata description = 'A virtual network with subnets for the apps and one for private endpoints, and the private DNS zones of storage.'

@description('Ends the names of the resources.')
param name string

@description('Region of the network.')
param location string

@description('Tags of the resources.')
param tags object

@description('Address range of the network, a /24 or larger. The app gets the first /26 of it, private endpoints the second, the app that takes uploads the third.')
param addressPrefix string

@description('Services of storage that need a private DNS zone.')
param zoneServices array

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: 'vnet-${name}'
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [
        addressPrefix
      ]
    }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 0)
          // Flex Consumption and Container Apps both ask for this one.
          delegations: [
            {
              name: 'app'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 1)
          privateEndpointNetworkPolicies: 'Disabled'
        }
      }
      {
        name: 'uploads'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 2)
          // Flex Consumption shares its subnet with nobody.
          delegations: [
            {
              name: 'app'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
    ]
  }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for service in zoneServices: {
    name: 'privatelink.${service}.${environment().suffixes.storage}'
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (service, i) in zoneServices: {
    parent: zones[i]
    name: 'vnet-${name}'
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: network.id
      }
    }
  }
]

@description('Resource id of the subnet for the app.')
output appSubnetId string = '${network.id}/subnets/app'

@description('Resource id of the subnet for private endpoints.')
output endpointSubnetId string = '${network.id}/subnets/endpoints'

@description('Resource id of the subnet for the app that takes uploads.')
output uploadsSubnetId string = '${network.id}/subnets/uploads'
