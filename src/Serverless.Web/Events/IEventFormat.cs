using Serverless.Registry.Events;

namespace Serverless.Web.Events;

/// <summary>Writes events as endpoints read them.</summary>
internal interface IEventFormat
{
    /// <summary>The message of an event; null when the format has no words for it, and nothing is to be sent.</summary>
    EventMessage? Write(RegistryEvent registryEvent);
}
