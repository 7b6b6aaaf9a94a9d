namespace Serverless.Web.Outbound;

/// <summary>The registry does not go where it was sent. The message names the host, the reason and the setting that allows it, if any can.</summary>
internal sealed class OutboundRefusedException(string message) : IOException(message);
