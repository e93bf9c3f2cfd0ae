import Command

SimppCommand.launch()
